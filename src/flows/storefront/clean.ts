import xss from 'xss';
import { z } from 'zod';

/** A text that pages show: of HTML only what is harmless is kept. */
export const HtmlText = (most: number) =>
  z
    .string()
    .max(most)
    .transform((text) => xss(text));

/** A text without any HTML: tags are dropped, and what is in a script with them. */
export const PlainText = (most: number) =>
  z
    .string()
    .max(most)
    .transform((text) =>
      xss(text, { whiteList: {}, stripIgnoreTag: true, stripIgnoreTagBody: ['script', 'style'] }).trim(),
    );
