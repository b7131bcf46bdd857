import type { z } from 'zod';

/** One line that says where a value departs from its schema: `training.steps: Too small: expected number to be >=1; ...`. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => (issue.path.length ? `${issue.path.map(String).join('.')}: ${issue.message}` : issue.message))
    .join('; ');
}
