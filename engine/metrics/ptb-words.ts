/** Word lists of the Penn Treebank tokenizer: abbreviations that keep their period, and what helps to tell them. */

const words = (list: string): readonly string[] => list.trim().split(/\s+/);

/** Stand before a name or a number, so a capital letter after them starts no sentence. */
export const LEADING_ABBREVIATIONS = words(`
  adj adm adv alex assoc asst atty ave brig capt cf cie cmdr col cpl dept det dr drs elec ens ft gen gov govs hon insp
  invt jos lt maj messrs mfg mlle mme mr mrs ms msgr mt mtg natl pfc ph pres prof profs pvt rep reps rev sen sens sfc sgt
  spc st ste supt treas vs wm
`);

/** May end a sentence: before a capital letter their period counts twice, once for the word and once for the sentence. */
export const CLOSING_ABBREVIATIONS = words(`
  al ala apr ariz assn aug bhd bldg blvd bros calif co colo conn corp cos ct dak dec esq est etc ext feb fla fri ga inc ind
  intl jan jr jul jun kan kans ky ltd mar md mich minn mo mon mont neb nev nov oct okla penn ph\\.d plc ppte ppty pte ptes
  pty ptys rd rt sep sept seq sq sr sys tel tenn thu thurs tue tues univ va vt wed wis wisc wyo
`);

/** As above, but ordinary words or syllables unless capitalised. */
export const CAPITAL_ABBREVIATIONS = words('Ark Az Del Ill La Mass Miss Ore Pa Tex Wash');

/** Abbreviations only in front of a number: "no. 5", "fig. 2". */
export const NUMBERING_ABBREVIATIONS = words('art ca fig figs no nos op pp prop');

/** Words that, capitalised after an initialism, show that its period ended the sentence too. */
export const SENTENCE_STARTERS = words(`
  a about according additionally after an as at but earlier he her here however if in it last many more now once one other
  our she since so some such that the their then there these they this we what when while yet you
`);

/** A name that ends in one of these after a period is a file's. */
export const FILE_EXTENSIONS = words(`
  bat bmp c cgi cpp dll docx? exe gif gz h html? jar java jpe?g mov mp3 pdf php pl png ppt ps py sql tar txt wav xml x zip
`);
