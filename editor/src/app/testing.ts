/** Running a flow's tests against the drawing. */

import * as gateway from "../api/gateway";
import { activeTab, change, type TestRun } from "./store";

/** Run the tests of the flow that is shown. */
export async function testNow(): Promise<void> {
  const tab = activeTab();
  if (!tab) return;
  put(tab.name, { busy: true, outcomes: [], error: "" });
  try {
    const answer = await gateway.runTests(tab.history.present.document);
    put(tab.name, { busy: false, outcomes: answer.tests, error: "" });
  } catch (error) {
    put(tab.name, { busy: false, outcomes: [], error: (error as Error).message });
  }
}

function put(name: string, run: TestRun): void {
  change((state) => ({ tests: { ...state.tests, [name]: run } }));
}
