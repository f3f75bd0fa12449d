/** So many good answers in a row prove a server; the first of them is when it served. */
export const goodInARow = 3;

export const isGoodStatus = (status: number) => status >= 200 && status < 400;
