export * from './errors';
export * from './market';
export * from './money';
export * from './roles';
