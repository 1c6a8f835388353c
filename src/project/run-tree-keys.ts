import * as z from 'zod';
import { checkLink } from '../code/run-tree.ts';
import { checked, emptyIsAbsent } from './fields.ts';

/** Of `code` in the design and in `.autolab/launch.yaml`. */
export const RUN_TREE_KEYS = {
  run_from: emptyIsAbsent(z.enum(['work_tree', 'snapshot'])),
  link: z.array(checked(checkLink)).nullish(),
};
