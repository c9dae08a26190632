/** Entry of the desktop bundle. */
import { runApp } from './main.ts';

void runApp();
