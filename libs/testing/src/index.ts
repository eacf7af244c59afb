export { startTestStore, type TestStore } from './test-store';
export { waitFor } from './wait-for';
