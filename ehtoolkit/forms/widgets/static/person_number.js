// Whether a text has the number of a person in it: eleven digits whose last two prove the others, whatever blanks, dots and
// dashes are between them, as `bare` in Python takes them away.
const BETWEEN = /[\s./\-\u00ad\u200b-\u200f\u202a-\u202e\u2010-\u2015\u2060\ufeff]+/g;

const proves = (digits) => ["", "2"].some((begin) => 97 - (Number(begin + digits.slice(0, 9)) % 97) === Number(digits.slice(9)));

const holdsPersonNumber = (text) => (text.replace(BETWEEN, "").match(/\d{11,}/g) ?? []).some((digits) =>
  [...digits].some((_, n) => n + 11 <= digits.length && proves(digits.slice(n, n + 11))));
