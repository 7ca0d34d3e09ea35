/** A data file of the flow: picked, brought from this machine, and browsed where it is a database. */

import { useEffect, useRef, useState } from "react";
import * as gateway from "../api/gateway";
import type { DataFile } from "../api/types";
import { guarded, useRefusal } from "../app/access";
import { scheduleCheck } from "../app/checking";
import { change, notify, read } from "../app/store";
import { useT } from "../i18n/t";
import { DraftInput } from "./DraftInput";

interface FilePickProps {
  id: string;
  value: string;
  endings: string[];
  onPick: (path: string) => void;
}

const DATABASES = [".dbc", ".kcd", ".sym", ".arxml"];

export function FilePick({ id, value, endings, onPick }: FilePickProps) {
  const t = useT();
  const refusal = useRefusal("integrator");
  const [files, setFiles] = useState<DataFile[]>([]);
  const input = useRef<HTMLInputElement>(null);
  const list = `${id}-files`;
  const load = () =>
    gateway.files(read().active).then(
      (found) => setFiles(found.filter(({ path }) => hasEnding(path, endings))),
      (error: Error) => notify("bad", error.message),
    );
  // biome-ignore lint/correctness/useExhaustiveDependencies: read once when the field appears
  useEffect(() => void load(), []);

  const bring = async (file: File | undefined) => {
    if (!file) return;
    try {
      await gateway.putFile(read().active, file.name, file);
      onPick(file.name);
      scheduleCheck(read().active);
      await load();
    } catch (error) {
      notify("bad", (error as Error).message);
    }
  };
  return (
    <>
      <span className="file-pick">
        <DraftInput
          id={id}
          list={list}
          value={value}
          placeholder={endings.join(" ")}
          onText={onPick}
        />
        <datalist id={list}>
          {files.map(({ path }) => (
            <option key={path} value={path} />
          ))}
        </datalist>
        <button type="button" {...guarded(refusal)} onClick={() => input.current?.click()}>
          {t("form.upload")}
        </button>
        {hasEnding(value, DATABASES) && (
          <button
            type="button"
            onClick={() => change({ dialog: { kind: "database", path: value } })}
          >
            {t("form.browse")}
          </button>
        )}
        <input
          ref={input}
          type="file"
          hidden
          aria-hidden="true"
          tabIndex={-1}
          accept={endings.join(",")}
          onChange={(event) => void bring(event.target.files?.[0])}
        />
      </span>
      {files.length > 0 && value === "" && (
        <span className="chips">
          {files.map(({ path }) => (
            <button type="button" className="chip" key={path} onClick={() => onPick(path)}>
              {path}
            </button>
          ))}
        </span>
      )}
    </>
  );
}

function hasEnding(path: string, endings: string[]): boolean {
  return endings.some((ending) => path.toLowerCase().endsWith(ending));
}
