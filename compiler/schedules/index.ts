import type { ScheduleRow } from "../registry/rows.ts";

export const scheduleRows: readonly ScheduleRow[] = [];
