import { pageHead } from '../../records/page-file.ts';
import type { RunRecord } from '../read-record.ts';

/** A run on one page: what a person wants to see of its record. Pure. */
export function renderRunPage({ manifest }: RunRecord): string {
  return `${pageHead(1)}<title>${manifest.run_id.replaceAll(/[^\w.-]/g, '')}</title>\n<p>${manifest.status}</p>\n`;
}
