export * from './books/live-book-reader';
export * from './interest/interest-holder';
export * from './interest/interest-registry';
export type { WatchedToken } from './interest/watched-token';
export * from './live-data.module';
