import fc from 'fast-check';

/** Property tests draw the same cases on every run; `PROPERTY_SEED=n` explores others. */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20_261_123) });
