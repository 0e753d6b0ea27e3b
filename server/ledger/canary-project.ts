/** The canary's project and service: outside every product metric, in every project's ledger. */
export const CANARY = 'sightline-canary'
