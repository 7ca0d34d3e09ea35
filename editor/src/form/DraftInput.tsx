/** A text field that keeps what is typed while it is typed: `2.` is not yet 2. */

import { type InputHTMLAttributes, useEffect, useRef, useState } from "react";

type DraftInputProps = Omit<InputHTMLAttributes<HTMLInputElement>, "value" | "onChange"> & {
  value: string;
  onText: (text: string) => void;
};

export function DraftInput({ value, onText, ...rest }: DraftInputProps) {
  const [text, setText] = useState(value);
  const focused = useRef(false);
  useEffect(() => {
    if (!focused.current) setText(value);
  }, [value]);
  return (
    <input
      {...rest}
      value={text}
      autoComplete="off"
      spellCheck={false}
      onFocus={() => {
        focused.current = true;
      }}
      onBlur={() => {
        focused.current = false;
        setText(value);
      }}
      onChange={(event) => {
        setText(event.target.value);
        onText(event.target.value);
      }}
    />
  );
}
