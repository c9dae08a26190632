/** `npm run check`: types and lint beside the quick unit tests, two at a time. Prints each one's output when it ends; exit code 0 when all pass. */
import { spawn } from 'node:child_process';

function run(script) {
  const child = spawn('npm', ['run', '--silent', script], { shell: process.platform === 'win32', stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (output += part));
  return new Promise((resolve) => {
    child.once('close', (code) => {
      console.log(`── ${script}: ${code === 0 ? 'passed' : 'failed'} ──\n${output.trim()}`);
      resolve(code === 0);
    });
  });
}

const [checked, unit] = await Promise.all([run('types').then(async (types) => (await run('lint')) && types), run('unit')]);
process.exitCode = checked && unit ? 0 : 1;
