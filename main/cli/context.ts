/** What a command gets to work with, and how its result reaches the terminal. */
import type { Command } from 'commander';
import type { Service } from '../../engine/contract/calls.ts';
import type { Trial } from '../../engine/contract/devices.ts';
import type { JobHooks } from '../../engine/contract/jobs.ts';
import { chooseHome, type HomeChoice, openHome } from '../host/home.ts';
import type { Host } from './host.ts';
import { Interrupts } from './interrupts.ts';
import { printable } from './printable.ts';
import { ProgressWriter } from './progress.ts';

/** A command's result: for programs and for people. */
export interface Report {
  /** The JSON document of `--json`. */
  readonly value: unknown;
  readonly text: string;
}

export interface Context extends Required<Pick<JobHooks, 'progress' | 'signal'>> {
  /** The home folder: made, and closed to other users, when a command first asks for it. */
  readonly home: string;
  readonly homeChoice: HomeChoice;
  readonly environment: NodeJS.ProcessEnv;
  /** A line for the person who waits, on stderr. */
  readonly message: (text: string) => void;
  readonly service: () => Promise<Service>;
  readonly trial: Trial;
}

/** A command's work: arguments as commander gives them, the command's own options last. */
export type Work<Arguments extends unknown[]> = (context: Context, ...args: Arguments) => Report | Promise<Report>;

/** Turns a command's work into a commander action. */
export type Act = <Arguments extends unknown[]>(
  work: Work<Arguments>,
) => (...args: [...Arguments, Command]) => Promise<void>;

interface GlobalOptions {
  readonly json?: boolean;
  readonly home?: string;
}

/** 128 + the number of SIGINT, as shells have it. */
const quitCode = 130;

export function actOn(host: Host): Act {
  return <Arguments extends unknown[]>(work: Work<Arguments>) =>
    async (...all: [...Arguments, Command]) => {
      const command = all.at(-1) as Command;
      const args = all.slice(0, -1) as unknown[] as Arguments;
      const options = command.optsWithGlobals<GlobalOptions>();
      const homeChoice = chooseHome(options.home, host.environment);
      const { home } = homeChoice;
      let isOpen = false;

      const moving = host.stderr.isTTY === true && host.environment.TERM !== 'dumb';
      const writer = new ProgressWriter({ sink: host.stderr, moving, now: host.now });
      const interrupts = new Interrupts({
        now: host.now,
        onStop: () => writer.message('Stopping. Press Ctrl-C again to quit at once, without saving.'),
        onQuit: () => host.quit(quitCode),
      });
      const stopListening = host.onInterrupt(() => interrupts.interrupt());

      const context: Context = {
        get home() {
          if (!isOpen) openHome(home, (sentence) => writer.message(sentence));
          isOpen = true;
          return home;
        },
        homeChoice,
        environment: host.environment,
        signal: interrupts.signal,
        progress: (progress) => writer.update(progress),
        message: (text) => writer.message(text),
        service: () => host.openService(context.home),
        trial: host.trial,
      };
      try {
        const { value, text } = await work(context, ...args);
        writer.clear();
        host.stdout.write(`${printable(options.json ? JSON.stringify(value, null, 2) : text)}\n`);
      } finally {
        writer.clear();
        stopListening();
      }
    };
}
