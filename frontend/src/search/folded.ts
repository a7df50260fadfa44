// Words as a search compares them: as `folded` of the server (kit/folding.py), whose examples this passes too.

const MARKS =
  /[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+/g;
const FROM = [..."øłđðħıŋŧƀɓƈɗƒɠǥɨƙɫɲɵƥʈʉʋƴƶəςىیکةہ‐–—‘’ʻʼ"];
const TO = [..."olddhintbbcdfggiklnoptuvyzeσييكهه---''''"];
const LETTERS = new Map([...FROM.map((letter, at): [string, string] => [letter, TO[at] ?? ""]), ["ß", "ss"], ["æ", "ae"], ["œ", "oe"], ["þ", "th"]]);
const TAKEN_APART = new RegExp(`[${[...LETTERS.keys()].join("")}]`, "g");

/** Without capitals, accents and other differences that nobody types: "José" and "jose", "STRASSE" and "Straße" are the same. */
export function folded(words: string): string {
  return words
    .normalize("NFKD")
    .replace(MARKS, "")
    .toLowerCase()
    .replace(TAKEN_APART, (letter) => LETTERS.get(letter) ?? letter)
    .normalize("NFC");
}
