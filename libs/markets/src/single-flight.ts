/** Joins concurrent asks for the same thing into one: whoever comes while it is under way gets the same answer. */
export class SingleFlight<T> {
  private readonly flights = new Map<string, Promise<T>>();

  run(key: string, start: () => Promise<T>): Promise<T> {
    const underway = this.flights.get(key);
    if (underway !== undefined) return underway;
    const flight = start().finally(() => this.flights.delete(key));
    this.flights.set(key, flight);
    return flight;
  }
}
