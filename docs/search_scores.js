// Guides come first; lists of everything, and how the project came to be, last.
const PRIORITIES = [
  [/^guide\/staff\/..\/README/, 0],
  [/^guide\/staff\//, 10],
  [/^guide\//, 6],
  [/^(ARCHITECTURE|LICENCES|RELEASE|TESTING|contributing)/, -20],
  [/^[A-Z]/, 5],
  [/^(changelog|decisions\/)/, -40],
];
// `var`, since the script of the search asks whether it is declared.
var Scorer = {
  score: ([page, , , , score]) => score + (PRIORITIES.find(([pages]) => pages.test(page))?.[1] ?? 0),
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
