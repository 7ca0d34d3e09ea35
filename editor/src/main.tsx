/** Where the page begins. */

import { ReactFlowProvider } from "@xyflow/react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { begin } from "./app/beginning";
import "./styles/index.css";

begin();
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <ReactFlowProvider>
      <App />
    </ReactFlowProvider>,
  );
}
