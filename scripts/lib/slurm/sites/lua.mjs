import { PARTITIONS } from './plain.mjs';

/** A site with plugins of its own. What they refuse is chosen by the partition; `main` takes every job. */
export const LUA = {
  about: 'job_submit.lua and cli_filter.lua refuse jobs, each partition in its own way; main takes all',
  partitions: {
    ...PARTITIONS,
    ...Object.fromEntries(
      ['per-cpu', 'suspended', 'refused', 'silent', 'changed', 'filtered'].map((name) => [name, PARTITIONS.main]),
    ),
  },
  slurm: { JobSubmitPlugins: 'lua', CliFilterPlugins: 'lua' },
  files: () => ({ 'job_submit.lua': JOB_SUBMIT, 'cli_filter.lua': CLI_FILTER }),
};

/** Asked by slurmctld, also for `sbatch --test-only` and for every `scontrol update` of a job. */
const JOB_SUBMIT = `function slurm_job_submit(job_desc, part_list, submit_uid)
  local partition = job_desc.partition
  if partition == "per-cpu" and job_desc.min_mem_per_cpu == nil then
    slurm.log_user("This cluster gives memory by CPU. Use --mem-per-cpu, not --mem.")
    return slurm.ERROR
  end
  if partition == "suspended" then
    slurm.log_user("Your project is temporarily suspended, because it has used up its hours.\\nPlease try again after the 1st.")
    return slurm.ERROR
  end
  if partition == "refused" then
    slurm.log_user("Jobs of this kind do not run here.")
    return slurm.ESLURM_INVALID_PARTITION_NAME or slurm.ERROR
  end
  if partition == "silent" then
    return slurm.ERROR
  end
  if partition == "changed" then
    slurm.log_user("Your time limit was set to 3 minutes.")
    job_desc.time_limit = 3
  end
  return slurm.SUCCESS
end

function slurm_job_modify(job_desc, job_rec, part_list, modify_uid)
  return slurm.SUCCESS
end

return slurm.SUCCESS
`;

/** Asked by sbatch, srun and salloc before they speak with slurmctld. */
const CLI_FILTER = `function slurm_cli_setup_defaults(options, early_pass)
  return slurm.SUCCESS
end

function slurm_cli_pre_submit(options, pack_offset)
  if options["partition"] == "filtered" then
    slurm.log_error("The partition filtered is closed for batch jobs.")
    return slurm.ERROR
  end
  return slurm.SUCCESS
end

function slurm_cli_post_submit(offset, job_id, step_id)
  return slurm.SUCCESS
end

return slurm.SUCCESS
`;
