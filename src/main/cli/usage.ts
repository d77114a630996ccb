/** What each command takes and does. The keys are the commands of `margin`; `margin COMMAND --help` prints one entry. */
export const usage = {
  open: `margin open [PATH…] [--demo] [--door electron|browser] [--port N] [--workspace DIR]
  The application. In a window where Electron and a display are there, else in the browser.
  PATH opens folders, files or a ZIP; --demo goes straight to the built-in case.`,
  serve: `margin serve [PATH…] [--demo] [--port N] [--workspace DIR|postgres://…] [--accounts] [--origin URL]
  The application for a browser on this computer. Prints {"url": …} when ready and serves until Ctrl-C.
  --accounts: several raters sign in (margin raters add NAME); --origin: the address of a TLS proxy in front.`,
  scan: `margin scan PATH…
  Lists series, photographs, annotations, and each file that could not be read with the reason.`,
  decode: `margin decode FILE… [--frame K] [--out FILE]
  Describes the pixels of DICOM files and gives the sha256 of each decoded frame. One JSON line a file.`,
  tags: `margin tags FILE… [--frame K] [--json]
  What the headers of DICOM files say, element by element, as the page shows it: text, or --json, a line a file. Values
  name patients. --frame K (from 0): of what is said frame by frame that of frame K.`,
  infer: `margin infer PATH [--series UID] (--lidc-xml FILE | --at X,Y,SLICE | --box X0,Y0,X1,Y1,SLICE)
             [--model ID] [--compare ID] [--samples N] [--seed S] [--draws even|independent] [--even-black] [--out DIR]
             [--whole-lesion [--nodule solid|part-solid|ground-glass]] [--export LIST|all [--patient-fields]]
             [--csv FILE] [--json-lines]
  Samples plausible outlines and prints sizes with intervals and the measures against readers.
  --draws even, the rule, spreads the samples evenly; --draws independent repeats runs from before version 0.2.
  --even-black runs on a photograph that is almost black too, which is refused else.
  --whole-lesion follows the lesion through the slices and measures it whole; --nodule says what it is made of, and
  counts samples by the size classes of guidelines.
  --export writes more into DIR/export: pdf (one page to print), png, svg, csv, json, seg, seg-samples, seg-share,
  variance, sr, rtstruct, nifti; --patient-fields puts name, number and dates on report and figures
  (of a photograph: the name of its file).
  --compare draws with a second model too. Columns and rows count from 0, slices from 1 as on the page:
  an axial CT from the head, other series as their files are numbered.
  PATH is a folder of photographs: the vessels of each, one after another, and a table of all, also as CSV (--csv);
  one that fails stops no other. --json-lines prints each as it is drawn; --out DIR also holds a folder for each.`,
  batch: `margin batch PATH… --out DIR [--points FILE] [--model ID]… [--samples N] [--seed S] [--draws even|independent]
             [--even-black] [--whole-lesion [--nodule solid|part-solid|ground-glass]] [--export LIST|all [--patient-fields]]
             [--workers N | --address ADDRESS]
  margin infer on many: the nodules of each CT series that has LIDC readings beside it, and the vessels of each
  photograph; with --points, the places of a table instead (columns seriesUid,column,row,slice, as --at counts).
  Each item has a folder of DIR with what margin infer writes, whatever the number of workers; DIR/batch.json says what
  was done and what failed, DIR/batch.csv holds every size. The same line again does what is not done yet.
  --workers: so many processes of this computer. --address: the scheduler of a Dask cluster, whose machines see the
  same files and have the same program; it writes the same bytes.`,
  growth: `margin growth EARLIER LATER --days N
  One lesion at two dates: change of volume and diameter and volume doubling time with intervals, over pairs of samples.
  EARLIER and LATER are samples.csv of "margin infer … --whole-lesion --export csv --out DIR"; N days lie between.`,
  demo: `margin demo [--out DIR] [--samples N] [--seed S] [--draws even|independent]
  The built-in case through the same path as infer. Needs no data.`,
  models: `margin models [--check] [--workspace DIR|postgres://…]
  The installed model packages, those made in the workspace among them. --check ends with 1 when one is refused or none is there.
  margin models export NAME --to FILE.zip: one of them as a file, with checksums, to be handed on.
  margin models import FILE.zip [--as NAME]: such a file into the workspace, checked and run before; it stays
  experimental. Nothing is replaced.`,
  train: `margin train PATH… --name NAME [--model ID] [--modality CT|fundus] [--rater PSEUDONYM]… [--panel NAME]…
             [--structure LABEL]… [--since DATE] [--until DATE] [--drafts] [--without-model-shown] [--dry-run]
             [--method width|heads|adapter|full] [--steps N] [--seconds S] [--seed S] [--as NAME] [--workspace DIR]
  Freezes a training set from the readings of the images in PATH and fine-tunes a model on it; the candidate is
  installed as experimental. --dry-run says what the set would be, and keeps nothing.
  margin train --set SET … trains on a set that is frozen; margin train --resume JOB goes on with a training.`,
  gate: `margin gate JOB [--as NAME] [--workspace DIR|postgres://…]
  Judges the candidate of a training on the held-out patients: prints the report. Each use makes them prove less.`,
  promote: `margin promote MODEL --saw-worst [--as NAME] [--workspace DIR|postgres://…]
  Puts a candidate that passed its gate in its parent's place; --saw-worst: you looked at its ten worst cases.`,
  rollback: `margin rollback MODEL [--as NAME] [--workspace DIR|postgres://…]
  Takes a promotion back: the model before is used again. Saved results keep naming the model that drew them.`,
  doctor: `margin doctor [--fix [--wheels DIR]] [--archives] [--workspace DIR|postgres://…]
  What this computer has, and what to do about what is missing. Nothing is fetched, and nobody is contacted:
  --archives asks each archive of the workspace whether it answers.
  --fix sets up the Python that training needs, in the user's own data: it says what it fetches and from where, tests
  the environment, and makes one that does not train anew. --wheels DIR: from a folder of wheels, without a network.
  It also deletes the telemetry that ONNX Runtime stored while Margin 0.1.0 let it.`,
  agree: `margin agree PATH [--series UID | --image NAME] [--consensus majority|staple] [--as NAME] [--workspace DIR|postgres://…]
  The committed readings of one image side by side: agreement with intervals, differences, consensus.`,
  export: `margin export PATH --format seg|rtstruct|nifti|png|coco|lidc-xml|bundle --out FILE.zip
              [--series UID | --image NAME] [--consensus majority|staple] [--as NAME] [--workspace DIR|postgres://…]
  The committed readings as files, one a reader, each read back before; with the exposure log.
  margin export PATH --panel NAME --format seg,png,… --out FILE.zip: every committed reading of a panel, with answers,
  figures and what its readers were told; PATH holds its images.`,
  import: `margin import PATH --file FILE --format seg|rtstruct|nifti|png|coco|lidc-xml [--reader NAME]
              [--series UID | --image NAME] [--despite doubts] [--as NAME] [--workspace DIR|postgres://…]
  A file of another program as the reading of a named reader, brought in by --as, else by the only owner. A mask that is
  named after another photograph, or marks nothing or most of the picture, comes in with --despite doubts.`,
  raters: `margin raters [add NAME [--owner] | password NAME | retire NAME | reinstate NAME]
              [--workspace DIR|postgres://…]
  Lists the raters of a workspace, adds one, sets a new password (read from standard input), or ends and takes back
  that one signs in; what a retired rater committed stays.`,
  panels: `margin panels [progress NAME] [--as NAME] [--workspace DIR|postgres://…]
  Lists the panels of a workspace; progress says who has begun and committed what, to an owner.`,
  archive: `margin archive list | echo NAME | find NAME … | fetch NAME --study UID [--series UID]… | send NAME FILE…
              [--workspace DIR|postgres://…]
  The archives (PACS) that archives.json of the workspace names; nothing is contacted but the one that is named.
  echo: whether it answers. find: studies, by [--patient-id ID] [--patient-name NAME] [--accession NUMBER]
  [--from YYYYMMDD] [--to YYYYMMDD] [--modality CT]; with --study UID the series of one. fetch: series into the workspace, whole; what is there is not
  fetched again. send: DICOM files, as they are; ends with 1 where one was not taken.`,
  audit: `margin audit [verify] [--workspace DIR|postgres://…]
  Prints the log of who did what when; verify recomputes its hash chain and ends with 1 where it is broken.`,
} as const

export type CommandName = keyof typeof usage

export const overview = `Margin shows how sure a segmentation is. Research use only: not a medical device.

${Object.values(usage).join('\n\n')}

margin COMMAND --help prints the lines of one command. JSON on standard output, words on standard error.
Ends with 0 when done, 1 when it failed, 2 when the command line makes no sense.`

export const isCommandName = (name: string): name is CommandName => Object.hasOwn(usage, name)
