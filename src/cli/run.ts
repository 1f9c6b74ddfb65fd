import { exitCodes } from "./command.ts";
import { main } from "./main.ts";
import { watchStreams } from "./streams.ts";

const streams = watchStreams();
const words = process.argv.slice(2);

/** What is thrown outside of the command's own course is a fault like any other. */
process.on("uncaughtException", async (error: unknown) => {
  const { tellFailure } = await import("./failure.ts");
  process.exit(tellFailure(error, words));
});

/** The whole run of the command line that this process was started with. */
export const finished = main(words).then((code) => {
  process.exitCode = streams.lost() ? exitCodes.mistakes : code;
  streams.onLoss(() => (process.exitCode = exitCodes.mistakes));
});
