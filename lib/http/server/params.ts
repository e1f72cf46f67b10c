/** A number of a path or a query; undefined for what is none, or is not within its limits. */
export function intParam(text: string | null | undefined, least: number, most: number): number | undefined {
  const number = /^\d{1,15}$/.test(text ?? '') ? Number(text) : Number.NaN;
  return number >= least && number <= most ? number : undefined;
}

/** The same with a fraction. */
export function secondsParam(text: string | null | undefined, most: number): number | undefined {
  const number = /^\d{1,6}(?:\.\d{1,6})?$/.test(text ?? '') ? Number(text) : Number.NaN;
  return number <= most ? number : undefined;
}
