/** Something under test and the way its time passes: a set clock, or really waiting. */
export interface Timed<Subject> {
  subject: Subject;
  /** Lets at least this many milliseconds pass. */
  pass: (ms: number) => Promise<void>;
}

/** Makes a harness whose subject is empty. */
export type CreateTimed<Subject> = () => Promise<Timed<Subject>> | Timed<Subject>;
