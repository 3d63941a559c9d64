package cmd

import "os"

// baseBranch is the branch that a CI system says that the change is to be
// merged into, and the variable that names it; "" outside of CI, and where no
// request to merge is checked.
func baseBranch() (branch, variable string) {
	for _, variable := range []string{
		"GITHUB_BASE_REF",                                // GitHub Actions, Gitea, Forgejo
		"CI_MERGE_REQUEST_TARGET_BRANCH_NAME",            // GitLab CI
		"BITBUCKET_PR_DESTINATION_BRANCH",                // Bitbucket Pipelines
		"SYSTEM_PULLREQUEST_TARGETBRANCHNAME",            // Azure Pipelines
		"BUILDKITE_PULL_REQUEST_BASE_BRANCH",             // Buildkite
		"CHANGE_TARGET",                                  // Jenkins, multibranch
		"DRONE_TARGET_BRANCH", "CI_COMMIT_TARGET_BRANCH", // Drone, Woodpecker
		"APPVEYOR_PULL_REQUEST_BASE_BRANCH", "CM_PULL_REQUEST_DEST", // AppVeyor, Codemagic
	} {
		if branch := os.Getenv(variable); branch != "" {
			return branch, variable
		}
	}
	return "", ""
}
