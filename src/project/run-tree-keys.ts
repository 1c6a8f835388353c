import * as z from 'zod';
import { checkLink } from '../code/run-tree.ts';
import { checked } from './fields.ts';

/** Of `code` in the design and in `.autolab/launch.yaml`. */
export const RUN_TREE_KEYS = {
  run_from: z.enum(['work_tree', 'snapshot']).nullish(),
  link: z.array(checked(checkLink)).nullish(),
};
