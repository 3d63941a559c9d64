package breaking

import (
	"context"
	"strings"
)

// BaseBranch is the ref by which the repository around beside (a path, "" for
// the working directory) has a branch of that name: the remote origin's, else
// that of its only remote, else its own. Where there is none it is the remote
// origin's all the same, for the error to say how to get it.
func BaseBranch(ctx context.Context, beside, branch string) string {
	const local, remote = "refs/heads/", "refs/remotes/"
	origin := "origin/" + branch
	repo, _, err := findRepository(ctx, Input{Beside: beside}, reference{}, nil)
	if err != nil {
		return origin
	}
	out, err := repo.git("for-each-ref", "--format=%(refname)", remote+"*/"+branch, local+branch)
	if err != nil {
		return origin
	}
	var own string
	var remotes []string
	for ref := range strings.SplitSeq(out, "\n") {
		if name, ok := strings.CutPrefix(ref, remote); ok && strings.HasSuffix(name, "/"+branch) {
			remotes = append(remotes, name)
		} else if ref == local+branch {
			own = branch
		}
		if ref == remote+origin {
			return origin
		}
	}
	switch {
	case len(remotes) == 1:
		return remotes[0]
	case own != "":
		return own
	}
	return origin
}
