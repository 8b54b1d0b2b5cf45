// Validates deploy/template.yaml, or the templates that are named, without a network. Exits 1 at anything that is more than a hint.
import { RegoEngine, TemplateFile } from '@aws/cloudformation-validate';

const [, , ...named] = process.argv;
const engine = new RegoEngine();
for (const path of named.length > 0 ? named : ['deploy/template.yaml']) {
  const { diagnostics } = engine.validateStandard(new TemplateFile(path));
  const findings = diagnostics.filter(({ severity }) => severity !== 'INFO');
  for (const { severity, ruleId, message } of findings) console.error(`${path}: ${severity} ${ruleId}: ${message}`);
  if (findings.length > 0) process.exitCode = 1;
}
engine.free();
