// Installs and builds, nothing else: for continuous integration and for editors.
import { setUp } from './setup.mjs';

setUp();
