#!/usr/bin/env node
import '../dist/bin/upgrade-solver-proto-text.js';
