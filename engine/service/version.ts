import metadata from '../../package.json' with { type: 'json' };

/** Of the application. */
export const version: string = metadata.version;
