export const WHY = `A backup that cannot be read back is found now, while nothing has been changed, and not half-way through
the restore.`
export const TROUBLE =
  'A wrong sha256 after two downloads means that the object itself is damaged: choose the next older backup. Make room by growing the volume or removing old incident folders; never with `docker system prune`, which removes the containers that were just stopped.'
