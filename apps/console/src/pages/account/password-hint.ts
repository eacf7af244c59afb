export const PASSWORD_HINT = '8 characters or more; a few words are easy to keep in mind.';
