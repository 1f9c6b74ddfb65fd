import { exitCodes } from "./command.ts";
import { main } from "./main.ts";
import { watchStreams } from "./streams.ts";

const streams = watchStreams();

/** The whole run of the command line that this process was started with. */
export const finished = main(process.argv.slice(2)).then((code) => {
  process.exitCode = streams.lost() ? exitCodes.mistakes : code;
  streams.onLoss(() => (process.exitCode = exitCodes.mistakes));
});
