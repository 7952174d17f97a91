import type { NetEvent } from '@jacinto/net';
import type { SolverParameter, UpgradeResult } from '@jacinto/proto';
import type { NetSource } from './net-sources.ts';

/** One number of a net's outputs (Caffe numbers them over all outputs, which are in alphabetical order). */
export interface OutputValue {
  blob: string;
  value: number;
  lossWeight: number;
}

/** How fast it went since the last display; time of tests and snapshots left out. */
export interface Pace {
  seconds: number;
  iterations: number;
}

/** What a solver tells its listener. Nothing is printed here; `@jacinto/caffe` turns these into Caffe's log lines. */
export type SolverEvent =
  | { type: 'initializing'; param: SolverParameter }
  | { type: 'creating-net'; role: 'train'; source: NetSource }
  | { type: 'creating-net'; role: 'test'; index: number; source: NetSource }
  | { type: 'net'; role: 'train' | 'test'; index: number; event: NetEvent }
  | { type: 'ready' }
  | { type: 'warning'; message: string }
  /** A file of an older form was read. */
  | { type: 'upgraded'; file: string; result: UpgradeResult }
  | { type: 'finetuning'; file: string }
  | { type: 'restored'; file: string; iter: number; exact: boolean }
  | { type: 'solving'; net: string; policy: string }
  | { type: 'tests-started'; iter: number; initial: boolean }
  | { type: 'tests-completed'; iter: number; initial: boolean; seconds: number }
  | { type: 'testing'; iter: number; net: number; batches: number }
  | { type: 'test-batch'; iter: number; net: number; batch: number; batches: number }
  | { type: 'tested'; iter: number; net: number; outputs: readonly OutputValue[]; loss?: number }
  | { type: 'test-interrupted'; iter: number; net: number }
  | { type: 'multistep'; iter: number; step: number }
  | { type: 'gradients-clipped'; iter: number; norm: number; limit: number; factor: number }
  /** After each iteration's forward and backward, before its update. */
  | ({ type: 'iteration' } & IterationFacts)
  | { type: 'snapshot'; kind: 'weights' | 'state'; file: string }
  /** The forward pass that Caffe adds after the last iteration. */
  | { type: 'final-loss'; iter: number; loss: number }
  | { type: 'stopped-early'; iter: number }
  | { type: 'done'; iter: number };

export interface IterationFacts {
  /** From 0. */
  iter: number;
  maxIter: number;
  /** Of this iteration (mean over iter_size). */
  loss: number;
  /** Over the last `average_loss` iterations. */
  smoothedLoss: number;
  rate: number;
  momentum: number;
  weightDecay: number;
  gradientScale: number;
  /** What is to be shown, where this iteration is one that `display` asks for. */
  display?: {
    pace: Pace;
    /** Whether this is one of the first three iterations of a run, whose pace says little. */
    warmingUp: boolean;
    /** Whether Caffe shows the rates too (only where iter is a multiple of `display`). */
    rates: boolean;
    outputs: readonly OutputValue[];
    /** Epochs done and in all, where the data layer knows the size of an epoch. */
    epochs?: { done: number; total: number };
  };
}
