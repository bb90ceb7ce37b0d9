/** The largest message that a swarm keeps, in bytes (config §11). */
export const MAX_STORED_BYTES = 76_800;

/** The largest padded config that is sent, in bytes (config §7 step 3). */
export const MAX_CONFIG_BYTES = 5_000_000;
