/**
 * The slug form of a tag as a person may have typed it: "US Politics" is "us-politics".
 * Letters and digits of any script stay; everything between them becomes one hyphen.
 */
export function slugify(label: string): string {
  return label
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
}
