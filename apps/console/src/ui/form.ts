/** What was typed into a field of a form. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

/** What was typed into a field that may stay empty; null then. */
export function optionalTextOf(form: FormData, name: string): string | null {
  const text = textOf(form, name).trim();
  return text === '' ? null : text;
}

/** The choice a text names; undefined when it names none. */
export function choiceOf<Choice extends string>(
  choices: readonly Choice[],
  text: string | undefined,
): Choice | undefined {
  return choices.find((choice) => choice === text);
}
