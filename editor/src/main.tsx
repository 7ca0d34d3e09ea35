/** Where the page begins. */

import { ReactFlowProvider } from "@xyflow/react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { begin } from "./app/beginning";
import { Fallback } from "./app/Fallback";
import "./styles/index.css";

begin();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <ReactFlowProvider>
      <Fallback>
        <App />
      </Fallback>
    </ReactFlowProvider>,
  );
}
