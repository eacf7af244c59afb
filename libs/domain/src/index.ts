export * from './accounts';
export * from './email';
export * from './errors';
export * from './market';
export * from './money';
export * from './password';
export * from './roles';
