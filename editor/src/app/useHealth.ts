/** The gateway's health, asked for again and again while somebody looks. */

import { useEffect } from "react";
import * as gateway from "../api/gateway";
import type { Health } from "../api/types";
import { change, useStore } from "./store";

const EVERY = 3000;

/** The newest health; null until it was read. One asker serves all who look. */
export function useHealth(): Health | null {
  const health = useStore((state) => state.health);
  const connected = useStore((state) => state.connected);
  useEffect(() => {
    if (!connected) return;
    const look = () => {
      if (document.hidden) return;
      gateway.health().then(
        (read) => change({ health: read }),
        () => {}, // the banner of the lost connection tells
      );
    };
    look();
    const timer = window.setInterval(look, EVERY);
    return () => window.clearInterval(timer);
  }, [connected]);
  return health;
}
