#!/usr/bin/env node
import '../dist/bin/upgrade-net-proto-text.js';
