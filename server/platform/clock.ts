/** The database's time, as far as a process can know it between two looks. */
export type Clock = { nowMs(): number }
