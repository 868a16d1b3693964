// Every rule of the house, by what it looks at.
import {layers, libraries} from './layers.mjs';
import {fileSize, functionSize} from './sizes.mjs';
import {bannedCalls, fileComment, headerGuard, sqlInC} from './c.mjs';
import {statementsUsed, tableComments} from './sql.mjs';
import {lifecycleRows, operationProblems, operations, problems, problemsTried} from './contract.mjs';
import {forbiddenWords, lockFiles, readmeSettings} from './words.mjs';

export const rules = [layers, libraries, fileSize, functionSize, bannedCalls, fileComment, headerGuard, sqlInC,
  statementsUsed, tableComments, operations, operationProblems, problems, problemsTried, lifecycleRows, forbiddenWords,
  lockFiles, readmeSettings];
