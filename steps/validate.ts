export const TROUBLE =
  'Do not restart the services on data that failed here. Undo, then start again without --resume and choose the next older backup.'
