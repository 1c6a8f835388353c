/**
 * The time for scripts of bash 4.2 without starting a program: one call of `date`, and then the kernel's clock. It sets
 * `autolab_ms` (milliseconds since 1970) and `autolab_at` (as text). The date is counted by the days since March of year 0
 * (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"), because `printf %()T` of bash 4.2 knows no time zone; once
 * a day, and the text up to the seconds once a minute, because a worker stamps each task several times.
 */
export const ELEMENT_CLOCK = `# The time without a program: autolab_ms since 1970, and autolab_at as text.
autolab_boot="$(PATH="$autolab_path" command date -u +%s%3N)"
IFS=' ' read -r autolab_at _ < /proc/uptime
autolab_boot=$((autolab_boot - 10#\${autolab_at/./} * 10))
autolab_minute= autolab_day=
autolab_stamp() {
  IFS=' ' read -r autolab_at _ < /proc/uptime
  autolab_ms=$((autolab_boot + 10#\${autolab_at/./} * 10))
  if [ "$((autolab_ms / 60000))" != "$autolab_minute" ]; then autolab_find_minute; fi
  printf -v autolab_at '%s%02d.%03dZ' "$autolab_until_seconds" "$((autolab_ms / 1000 % 60))" "$((autolab_ms % 1000))"
}
autolab_find_minute() {
  if [ "$((autolab_ms / 86400000))" != "$autolab_day" ]; then autolab_find_date; fi
  autolab_minute=$((autolab_ms / 60000))
  printf -v autolab_until_seconds '%sT%02d:%02d:' "$autolab_date" "$((autolab_minute / 60 % 24))" "$((autolab_minute % 60))"
}
autolab_find_date() {
  local autolab_days autolab_era autolab_of autolab_year autolab_month
  autolab_day=$((autolab_ms / 86400000))
  autolab_days=$((autolab_day + 719468))
  autolab_era=$((autolab_days / 146097))
  autolab_of=$((autolab_days - autolab_era * 146097))
  autolab_year=$(((autolab_of - autolab_of / 1460 + autolab_of / 36524 - autolab_of / 146096) / 365))
  autolab_of=$((autolab_of - 365 * autolab_year - autolab_year / 4 + autolab_year / 100))
  autolab_month=$(((5 * autolab_of + 2) / 153))
  autolab_of=$((autolab_of - (153 * autolab_month + 2) / 5 + 1))
  autolab_month=$((autolab_month < 10 ? autolab_month + 3 : autolab_month - 9))
  autolab_year=$((autolab_year + autolab_era * 400 + (autolab_month < 3)))
  printf -v autolab_date '%04d-%02d-%02d' "$autolab_year" "$autolab_month" "$autolab_of"
}
autolab_now() { autolab_stamp; printf '%s' "$autolab_at"; }
`;
