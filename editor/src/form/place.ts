/** What a form's fields know of where they stand. */

import { createContext, useContext } from "react";
import type { SignalInfo } from "../api/types";

export interface FormPlace {
  section: "nodes" | "resources";
  id: string;
  settings: Record<string, unknown>;
  /** The signals that reach the node. */
  signals: readonly SignalInfo[];
}

export const FormPlaceContext = createContext<FormPlace>({
  section: "nodes",
  id: "",
  settings: {},
  signals: [],
});

export const useFormPlace = () => useContext(FormPlaceContext);
