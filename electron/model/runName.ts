/** Names for runs that were given none: `adjective-noun-number`, at most 20 characters, as MLflow users know them. */

const adjectives =
  'able agile amber ample apt bold brave brief bright brisk calm candid chill civil clear clever cool cosmic crisp curious daring deft eager early exact fair fancy fine fleet fresh gentle glad golden grand happy hardy honest humble jolly keen kind lively loyal lucid lunar merry mild neat nimble noble patient placid plucky polite proud quick quiet rapid rare ready rosy sharp silent silver sleek smart snug solar solid steady stoic sturdy sunny swift tidy tranquil upbeat vivid warm wise witty zesty'.split(
    ' ',
  );
const nouns =
  'alder aspen badger beacon birch bison brook canyon cedar cliff cloud comet coral crane creek delta dune eagle elk falcon fern finch fjord forest gale glade grove gull harbor hare hawk heron hill ibis iris island jay kelp kite lagoon lake lark lily linden lynx maple marsh meadow mesa moose moss newt oak ocean orca otter owl panda pebble pine pond puffin quail quartz raven reef ridge river robin sage seal shore sparrow spruce stork summit swan tern thrush tide trail trout tulip valley walrus wave willow wolf wren yak'.split(
    ' ',
  );

/** A random name; `random` gives numbers in [0, 1). */
export function randomRunName(random: () => number = Math.random): string {
  const pick = (words: readonly string[]): string => words[Math.floor(random() * words.length)]!;
  return `${pick(adjectives)}-${pick(nouns)}-${Math.floor(random() * 1000)}`;
}
