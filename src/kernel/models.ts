/** Whether a list of models, where a trailing `*` is a prefix, names a model. */
export function modelAllowed(list: string[], model: string): boolean {
  return list.some((one) => (one.endsWith('*') ? model.startsWith(one.slice(0, -1)) : one === model));
}
