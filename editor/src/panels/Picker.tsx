/** A search field over a list: arrows choose, Enter takes, Escape leaves. */

import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";

interface PickerProps<T> {
  label: string;
  placeholder: string;
  text: string;
  onText: (text: string) => void;
  items: T[];
  keyOf: (item: T) => string;
  render: (item: T) => ReactNode;
  onPick: (item: T) => void;
  onClose: () => void;
  empty: string;
}

export function Picker<T>(props: PickerProps<T>) {
  const { items, keyOf, render, onPick, onClose } = props;
  const [at, setAt] = useState(0);
  const list = useId();
  const input = useRef<HTMLInputElement>(null);
  const chosen = Math.min(at, items.length - 1);

  useEffect(() => {
    const field = input.current;
    field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
  }, []);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const item = items[chosen];
    if (step !== undefined) setAt((chosen + step + items.length) % Math.max(1, items.length));
    else if (event.key === "Enter" && item !== undefined) onPick(item);
    else if (event.key === "Escape") onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className="picker">
      <input
        ref={input}
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={items.length > 0 ? `${list}-${chosen}` : undefined}
        aria-label={props.label}
        placeholder={props.placeholder}
        value={props.text}
        onChange={(event) => {
          setAt(0);
          props.onText(event.target.value);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="picker-list" role="listbox" id={list} aria-label={props.label}>
        {items.length === 0 && (
          <div className="muted picker-empty" role="option" aria-selected="false" tabIndex={-1}>
            {props.empty}
          </div>
        )}
        {items.map((item, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above takes the keys for the list
          <div
            key={keyOf(item)}
            id={`${list}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            className={index === chosen ? "picked" : ""}
            ref={index === chosen ? (row) => row?.scrollIntoView({ block: "nearest" }) : null}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onPick(item)}
          >
            {render(item)}
          </div>
        ))}
      </div>
    </div>
  );
}
