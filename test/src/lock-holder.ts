import { lockRun } from "../../runtime/run/lock.ts";

/** Takes the lock of a run folder and keeps it until it is killed. */
lockRun(process.argv[2]);
process.stdout.write("held\n");
setInterval(() => {}, 1000);
